"""Facts in French free text: how many people, how much money.

`find_facts` reads the text of a field and returns what an editor may accept, correct or dismiss.
Precision goes before recall: a number that is not plainly a count of people or a sum is left alone.
The package knows nothing of the database.

How a line is read, from the bottom up: `tokens` cuts it into words, numbers and signs; `quantities`
reads a number, an estimate or a range; `money` and `people` look at what follows it; `reader` walks
the line and settles what depends on the neighbours. `parts` tells afterwards which numbers are
parts of another one, which no page may show alone.
"""

from tisserand.actions.facts.model import Fact
from tisserand.actions.facts.reader import find_facts

__all__ = ["Fact", "find_facts"]
