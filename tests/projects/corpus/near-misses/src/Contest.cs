class Contest { }
