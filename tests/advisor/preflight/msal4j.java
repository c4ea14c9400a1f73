// The part of MSAL for Java that the snippets call, signature for signature, so that they compile without a network.
// From AzureAD/microsoft-authentication-library-for-java, version 1.17.2, msal4j-sdk/src/main/java/com/microsoft/aad/
// msal4j; builders that Lombok generates there are written out. Bodies are left out: nothing here runs.

public interface IClientCredential {
}

public interface IClientSecret extends IClientCredential {
}

public interface IClientCertificate extends IClientCredential {
}

public interface IClientAssertion extends IClientCredential {
}

public interface IAuthenticationResult {
    String accessToken();
    java.util.Date expiresOnDate();
}

public class ClientCredentialFactory {
    public static IClientSecret createFromSecret(String secret) { return null; }
    public static IClientCertificate createFromCertificate(java.io.InputStream certificate, String password)
        throws java.security.cert.CertificateException, java.security.UnrecoverableKeyException,
        java.security.NoSuchAlgorithmException, java.security.KeyStoreException,
        java.security.NoSuchProviderException, java.io.IOException { return null; }
    public static IClientAssertion createFromCallback(java.util.concurrent.Callable<String> callable)
        throws java.util.concurrent.ExecutionException, InterruptedException { return null; }
}

public class ConfidentialClientApplication {
    public static Builder builder(String clientId, IClientCredential clientCredential) { return null; }
    public java.net.URL getAuthorizationRequestUrl(AuthorizationRequestUrlParameters parameters) { return null; }
    public java.util.concurrent.CompletableFuture<IAuthenticationResult> acquireToken(AuthorizationCodeParameters parameters) { return null; }
    public java.util.concurrent.CompletableFuture<IAuthenticationResult> acquireToken(ClientCredentialParameters parameters) { return null; }
    public java.util.concurrent.CompletableFuture<IAuthenticationResult> acquireToken(OnBehalfOfParameters parameters) { return null; }
    public static class Builder {
        public Builder authority(String val) throws java.net.MalformedURLException { return null; }
        public ConfidentialClientApplication build() { return null; }
    }
}

public class PublicClientApplication {
    public static Builder builder(String clientId) { return null; }
    public java.util.concurrent.CompletableFuture<IAuthenticationResult> acquireToken(InteractiveRequestParameters parameters) { return null; }
    public java.util.concurrent.CompletableFuture<IAuthenticationResult> acquireToken(DeviceCodeFlowParameters parameters) { return null; }
    public static class Builder {
        public Builder authority(String val) throws java.net.MalformedURLException { return null; }
        public PublicClientApplication build() { return null; }
    }
}

public class ManagedIdentityApplication {
    public static Builder builder(ManagedIdentityId managedIdentityId) { return null; }
    public java.util.concurrent.CompletableFuture<IAuthenticationResult> acquireTokenForManagedIdentity(ManagedIdentityParameters parameters)
        throws Exception { return null; }
    public static class Builder {
        public ManagedIdentityApplication build() { return null; }
    }
}

public class ManagedIdentityId {
    public static ManagedIdentityId systemAssigned() { return null; }
    public static ManagedIdentityId userAssignedClientId(String clientId) { return null; }
}

public class ManagedIdentityParameters {
    public static ManagedIdentityParametersBuilder builder(String resource) { return null; }
    public static class ManagedIdentityParametersBuilder {
        public ManagedIdentityParameters build() { return null; }
    }
}

public class AuthorizationRequestUrlParameters {
    public static Builder builder(String redirectUri, java.util.Set<String> scopes) { return null; }
    public static class Builder {
        public Builder codeChallenge(String val) { return null; }
        public Builder codeChallengeMethod(String val) { return null; }
        public AuthorizationRequestUrlParameters build() { return null; }
    }
}

public class AuthorizationCodeParameters {
    public static AuthorizationCodeParametersBuilder builder(String authorizationCode, java.net.URI redirectUri) { return null; }
    public static class AuthorizationCodeParametersBuilder {
        public AuthorizationCodeParametersBuilder scopes(java.util.Set<String> scopes) { return null; }
        public AuthorizationCodeParametersBuilder codeVerifier(String codeVerifier) { return null; }
        public AuthorizationCodeParameters build() { return null; }
    }
}

public class ClientCredentialParameters {
    public static ClientCredentialParametersBuilder builder(java.util.Set<String> scopes) { return null; }
    public static class ClientCredentialParametersBuilder {
        public ClientCredentialParameters build() { return null; }
    }
}

public class OnBehalfOfParameters {
    public static OnBehalfOfParametersBuilder builder(java.util.Set<String> scopes, UserAssertion userAssertion) { return null; }
    public static class OnBehalfOfParametersBuilder {
        public OnBehalfOfParameters build() { return null; }
    }
}

public class UserAssertion {
    public UserAssertion(String assertion) { }
}

public class InteractiveRequestParameters {
    public static InteractiveRequestParametersBuilder builder(java.net.URI redirectUri) { return null; }
    public static class InteractiveRequestParametersBuilder {
        public InteractiveRequestParametersBuilder scopes(java.util.Set<String> scopes) { return null; }
        public InteractiveRequestParameters build() { return null; }
    }
}

public class DeviceCode {
    public String message() { return null; }
}

public class DeviceCodeFlowParameters {
    public static DeviceCodeFlowParametersBuilder builder(java.util.Set<String> scopes, java.util.function.Consumer<DeviceCode> deviceCodeConsumer) { return null; }
    public static class DeviceCodeFlowParametersBuilder {
        public DeviceCodeFlowParameters build() { return null; }
    }
}
