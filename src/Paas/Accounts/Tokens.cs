namespace Paas.Accounts;

/// <summary>API tokens: the password of git and registry, the Bearer of the API.</summary>
public sealed class Tokens
{
    /// <summary>Null when the token is unknown or revoked.</summary>
    public Caller? Authenticate(string token) => throw new NotSupportedException(token);
}
