"""Views: pure functions from the store's frames to tables of numbers; Markdown, HTML, terminal and plots print the same.

A frame of cells or measurements here is that of one suite and data set; see ``benchbox.store`` for the columns.
"""
