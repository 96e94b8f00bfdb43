"""The public API, assembled from the apps."""
