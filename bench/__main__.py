"""Run the measures named on the command line, or those that take minutes rather than an hour."""

import importlib
import sys

NAMES = ("search", "imports", "pdf", "page", "door", "desk", "backup")
LONG = ("million",)


def main() -> None:
    asked = sys.argv[1:] or NAMES
    unknown = set(asked) - {*NAMES, *LONG}
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join((*NAMES, *LONG))}")
    from bench.machine import describe

    print(describe())
    for name in asked:
        print(f"\n## {name}\n", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
