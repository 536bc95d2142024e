"""What goes wrong, on order: rules that say for which calls, and effects that say what happens to them."""
