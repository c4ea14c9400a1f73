locals {
  owners = ["0a0a0a0a-0000-4000-8000-000000000001", "0a0a0a0a-0000-4000-8000-000000000002"]
}

resource "azuread_application" "sync" {
  display_name = "Contoso Sync"
  notes        = "Run by the platform team."
  owners       = local.owners
}

resource "azuread_application_certificate" "sync" {
  application_id = azuread_application.sync.id
  type           = "AsymmetricX509Cert"
  value          = "MIIB"
  start_date     = "2025-10-01T00:00:00Z"
  end_date       = "2026-03-20T00:00:00Z"
}

resource "azuread_application" "mailer" {
  display_name = "Contoso Mailer"
  notes        = "Run by the platform team."
  owners       = local.owners
}

resource "azuread_application_password" "mailer" {
  application_id = azuread_application.mailer.id
  display_name   = "mailer"
  start_date     = "2026-01-01T00:00:00Z"
  end_date       = "2026-02-25T00:00:00Z"
}
