resource "azuread_application" "portal" {
  display_name = "Contoso Portal"
  notes        = "Run by the platform team."
  owners       = var.owners

  web {
    redirect_uris = [
      "https://portal.contoso.com/signin-oidc",
      "http://old.portal.contoso.com/",
    ]
  }
}

resource "azuread_application" "shop" {
  display_name = "Contoso Shop"
  notes        = "Run by the platform team."
  owners       = var.owners

  single_page_application {
    redirect_uris = [var.shop]
  }
}
