"""The vocabulary of the house: references, times, parameters, tables, ports and errors. Imports no tool."""
