"""`python -m tisserand` is the `tisserand` command."""

from tisserand.config.cli import main

main()
