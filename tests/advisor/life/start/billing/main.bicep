extension microsoftGraphV1

resource billing 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'billing'
  displayName: 'Contoso Billing'
  notes: 'Run by the platform team.'
  owners: { relationships: ['0a0a0a0a-0000-4000-8000-000000000001', '0a0a0a0a-0000-4000-8000-000000000002'] }
  web: {
    redirectUris: [
      'https://billing.contoso.com/signin-oidc'
    ]
    implicitGrantSettings: {
      enableAccessTokenIssuance: true
      enableIdTokenIssuance: false
    }
  }
}
