"""Examples written as prose: Markdown with fences, marks on the lines, and what must hold for each of them."""
