variable "owners" {
  type    = list(string)
  default = ["0a0a0a0a-0000-4000-8000-000000000001", "0a0a0a0a-0000-4000-8000-000000000002"]
}

variable "shop" {
  type    = string
  default = "https://shop.contoso.com/"
}
