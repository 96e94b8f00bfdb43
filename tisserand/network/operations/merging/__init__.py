"""Two structures, or two accounts, that become one; and two again."""
