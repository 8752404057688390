using System.Text.Json.Serialization;

namespace Paas.Accounts.SignIn;

/// <summary>What the passkey script is told.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PasskeyCeremony))]
internal sealed partial class SignInJson : JsonSerializerContext;
