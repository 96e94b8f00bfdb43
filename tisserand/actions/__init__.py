"""The catalogue of actions: sheets, their vocabulary, imports and exports."""
