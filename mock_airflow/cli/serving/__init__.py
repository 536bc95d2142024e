"""What the verb ``serve`` is made of: its options, what it says, the ready file, and how it ends."""
