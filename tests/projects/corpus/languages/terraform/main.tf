# Zone.
variable "name" {
  default = "#1" // one
}
/*
gone
*/
resource "x" "y" {
}
