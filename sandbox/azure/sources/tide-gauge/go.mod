module example.com/tide-gauge

go 1.23
