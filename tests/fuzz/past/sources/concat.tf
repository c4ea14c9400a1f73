locals {
  a0 = ["x"]
  a1 = concat(local.a0, local.a0, local.a0, local.a0, local.a0, local.a0, local.a0, local.a0, local.a0, local.a0)
  a2 = concat(local.a1, local.a1, local.a1, local.a1, local.a1, local.a1, local.a1, local.a1, local.a1, local.a1)
  a3 = concat(local.a2, local.a2, local.a2, local.a2, local.a2, local.a2, local.a2, local.a2, local.a2, local.a2)
  a4 = concat(local.a3, local.a3, local.a3, local.a3, local.a3, local.a3, local.a3, local.a3, local.a3, local.a3)
  a5 = concat(local.a4, local.a4, local.a4, local.a4, local.a4, local.a4, local.a4, local.a4, local.a4, local.a4)
  a6 = concat(local.a5, local.a5, local.a5, local.a5, local.a5, local.a5, local.a5, local.a5, local.a5, local.a5)
  a7 = concat(local.a6, local.a6, local.a6, local.a6, local.a6, local.a6, local.a6, local.a6, local.a6, local.a6)
  a8 = concat(local.a7, local.a7, local.a7, local.a7, local.a7, local.a7, local.a7, local.a7, local.a7, local.a7)
}
resource "azuread_application" "a" {
  display_name = "a"
  tags         = local.a8
}
