namespace Paas.Client;

/// <summary>The platform said no: problem details (RFC 9457) as an exception, its detail as the message.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">Stable: "app_not_found"; "http" when the answer was not the platform's own.</param>
/// <param name="detail">A sentence for people.</param>
public sealed class ProblemException(int status, string code, string detail) : Exception(detail)
{
    public int Status => status;

    public string Code => code;
}
