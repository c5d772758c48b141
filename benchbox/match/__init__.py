"""Running one cell: ``run_cell(cell, place) -> CellResult``, a function of its inputs and its seed."""
