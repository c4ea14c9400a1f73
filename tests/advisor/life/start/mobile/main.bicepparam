using './main.bicep'

param field = 'https://field.contoso.com/signin-oidc'
