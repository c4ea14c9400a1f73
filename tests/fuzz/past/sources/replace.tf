locals {
  a0 = "aaaaaaaaaa"
  a1 = replace(local.a0, "a", "aaaaaaaaaa")
  a2 = replace(local.a1, "a", "aaaaaaaaaa")
  a3 = replace(local.a2, "a", "aaaaaaaaaa")
  a4 = replace(local.a3, "a", "aaaaaaaaaa")
  a5 = replace(local.a4, "a", "aaaaaaaaaa")
  a6 = replace(local.a5, "a", "aaaaaaaaaa")
  a7 = replace(local.a6, "a", "aaaaaaaaaa")
  a8 = replace(local.a7, "a", "aaaaaaaaaa")
}
resource "azuread_application" "a" {
  display_name = "a"
  tags         = [local.a8]
}
