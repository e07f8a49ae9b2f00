from mtg.cli import run

run()
