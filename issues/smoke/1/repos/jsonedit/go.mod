module example.com/jsonedit

go 1.21
