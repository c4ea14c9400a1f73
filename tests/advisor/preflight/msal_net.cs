// The part of MSAL.NET that the snippets call, signature for signature, for a build without a network and without NuGet.
// From AzureAD/microsoft-authentication-library-for-dotnet, version 4.87.0 (commit 39d2001), src/client/
// Microsoft.Identity.Client: AppConfig/*Builder.cs, ApiConfig/*ParameterBuilder.cs, I*Application.cs, AuthenticationResult.cs.
// Types that only pass values on are one builder here. Nothing here runs.
using System;
using System.Collections.Generic;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.Identity.Client
{
    public class AssertionRequestOptions { public CancellationToken CancellationToken { get; set; } }
    public class ClientSignedAssertion { }
    public class UserAssertion { public UserAssertion(string jwtBearerToken) { } }
    public class DeviceCodeResult { public string Message { get { return null; } } }
    public class MsalUiRequiredException : Exception { }
    public interface IAccount { }

    public class AuthenticationResult { public string AccessToken { get; set; } }

    public class AcquireToken
    {
        public Task<AuthenticationResult> ExecuteAsync() { return null; }
        public Task<AuthenticationResult> ExecuteAsync(CancellationToken cancellationToken) { return null; }
    }
    public class AcquireTokenByAuthorizationCodeParameterBuilder : AcquireToken
    {
        public AcquireTokenByAuthorizationCodeParameterBuilder WithPkceCodeVerifier(string pkceCodeVerifier) { return null; }
    }
    public class GetAuthorizationRequestUrlParameterBuilder
    {
        public GetAuthorizationRequestUrlParameterBuilder WithPkce(out string codeVerifier) { codeVerifier = null; return null; }
        public Task<Uri> ExecuteAsync() { return null; }
    }

    public interface IConfidentialClientApplication
    {
        GetAuthorizationRequestUrlParameterBuilder GetAuthorizationRequestUrl(IEnumerable<string> scopes);
        AcquireTokenByAuthorizationCodeParameterBuilder AcquireTokenByAuthorizationCode(IEnumerable<string> scopes, string authorizationCode);
        AcquireToken AcquireTokenForClient(IEnumerable<string> scopes);
        AcquireToken AcquireTokenOnBehalfOf(IEnumerable<string> scopes, UserAssertion userAssertion);
    }
    public interface IPublicClientApplication
    {
        Task<IEnumerable<IAccount>> GetAccountsAsync();
        AcquireToken AcquireTokenSilent(IEnumerable<string> scopes, IAccount account);
        AcquireToken AcquireTokenSilent(IEnumerable<string> scopes, string loginHint);
        AcquireToken AcquireTokenInteractive(IEnumerable<string> scopes);
        AcquireToken AcquireTokenWithDeviceCode(IEnumerable<string> scopes, Func<DeviceCodeResult, Task> deviceCodeResultCallback);
    }
    public interface IManagedIdentityApplication
    {
        AcquireToken AcquireTokenForManagedIdentity(string resource);
    }

    public class ConfidentialClientApplicationBuilder
    {
        public static ConfidentialClientApplicationBuilder Create(string clientId) { return null; }
        public ConfidentialClientApplicationBuilder WithAuthority(string authorityUri, bool validateAuthority = true) { return null; }
        public ConfidentialClientApplicationBuilder WithRedirectUri(string redirectUri) { return null; }
        public ConfidentialClientApplicationBuilder WithClientSecret(string clientSecret) { return null; }
        public ConfidentialClientApplicationBuilder WithCertificate(X509Certificate2 certificate) { return null; }
        public ConfidentialClientApplicationBuilder WithClientAssertion(string signedClientAssertion) { return null; }
        public ConfidentialClientApplicationBuilder WithClientAssertion(Func<string> clientAssertionDelegate) { return null; }
        public ConfidentialClientApplicationBuilder WithClientAssertion(Func<CancellationToken, Task<string>> clientAssertionAsyncDelegate) { return null; }
        public ConfidentialClientApplicationBuilder WithClientAssertion(Func<AssertionRequestOptions, Task<string>> clientAssertionAsyncDelegate) { return null; }
        public ConfidentialClientApplicationBuilder WithClientAssertion(Func<AssertionRequestOptions, CancellationToken, Task<ClientSignedAssertion>> clientAssertionProvider) { return null; }
        public IConfidentialClientApplication Build() { return null; }
    }
    public class PublicClientApplicationBuilder
    {
        public static PublicClientApplicationBuilder Create(string clientId) { return null; }
        public PublicClientApplicationBuilder WithAuthority(string authorityUri, bool validateAuthority = true) { return null; }
        public PublicClientApplicationBuilder WithRedirectUri(string redirectUri) { return null; }
        public IPublicClientApplication Build() { return null; }
    }
    public class ManagedIdentityApplicationBuilder
    {
        public static ManagedIdentityApplicationBuilder Create(AppConfig.ManagedIdentityId managedIdentityId) { return null; }
        public IManagedIdentityApplication Build() { return null; }
    }
}

namespace Microsoft.Identity.Client.AppConfig
{
    public class ManagedIdentityId
    {
        public static ManagedIdentityId WithUserAssignedClientId(string clientId) { return null; }
    }
}

// Of .NET 9, which mcs does not have (learn.microsoft.com/dotnet/api/system.security.cryptography.x509certificates).
namespace System.Security.Cryptography.X509Certificates
{
    public static class X509CertificateLoader
    {
        public static X509Certificate2 LoadPkcs12FromFile(string path, string password) { return null; }
    }
}
public static class File
{
    public static Task<string> ReadAllTextAsync(string path, CancellationToken cancellationToken) { return null; }
}
