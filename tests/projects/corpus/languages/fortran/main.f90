! One.
program main
  print *, "! text" ! said
end program
