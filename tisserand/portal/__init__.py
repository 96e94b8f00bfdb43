"""The public site: home, structures, figures, and the team's door."""
