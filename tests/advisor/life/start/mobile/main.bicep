extension microsoftGraphV1

param field string = 'https://field.contoso.com/signin-oidc'
param owners array = ['0a0a0a0a-0000-4000-8000-000000000001', '0a0a0a0a-0000-4000-8000-000000000002']

resource fieldApp 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'field'
  displayName: 'Contoso Field'
  notes: 'Run by the platform team.'
  owners: { relationships: owners }
  web: {
    redirectUris: [field]
  }
}

resource kiosk 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'kiosk'
  displayName: 'Contoso Kiosk'
  notes: 'Run by the platform team.'
  owners: { relationships: owners }
  isFallbackPublicClient: false
  publicClient: {
    redirectUris: ['http://127.0.0.1']
  }
}
