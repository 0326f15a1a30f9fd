class Latest { }
