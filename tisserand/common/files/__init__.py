"""Files that people deposit: recognised by what they hold, never by their name; bounded before they are opened."""
