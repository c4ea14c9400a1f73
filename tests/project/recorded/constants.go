package environments

const keyVaultAppId = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
const microsoftGraphAppId = "00000003-0000-0000-c000-000000000000"
const sampleAppId = "0f0f0f0f-0000-4000-8000-00000000d001"
