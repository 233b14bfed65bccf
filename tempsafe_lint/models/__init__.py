"""What APIs do, as rows of data. Reading them is in `catalogue`; the needles that start-up needs are in `needles`."""
