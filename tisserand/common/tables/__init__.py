"""Lists as CSV, XLSX and ODS, without formulas: what is written is always text or a number."""

from tisserand.common.tables.cells import Loss, join_list, neutral_cell, restore_cell, split_list
from tisserand.common.tables.ods import write_ods
from tisserand.common.tables.text import write_csv
from tisserand.common.tables.xlsx import write_xlsx

__all__ = ["Loss", "join_list", "neutral_cell", "restore_cell", "split_list", "write_csv", "write_ods", "write_xlsx"]
