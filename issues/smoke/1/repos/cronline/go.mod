module example.com/cronline

go 1.21
