package environments

var PublishedApis = map[string]string{
	"AzureKeyVault":      keyVaultAppId,
	"MicrosoftGraph":     microsoftGraphAppId,
	"Sample":             sampleAppId,
	"SampleWithoutFile":  sampleWithoutFileAppId,

	// Deprecated, remove these when APIs reach final EOL
	"AzureActiveDirectoryGraph": "00000002-0000-0000-c000-000000000000",
}
