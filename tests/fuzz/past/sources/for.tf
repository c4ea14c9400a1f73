locals {
  n = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
}
resource "azuread_application" "a" {
  display_name = "a"
  tags         = [for a0 in local.n : [for a1 in local.n : [for a2 in local.n : [for a3 in local.n : [for a4 in local.n : [for a5 in local.n : [for a6 in local.n : [for a7 in local.n : [for a8 in local.n : a8]]]]]]]]]
}
