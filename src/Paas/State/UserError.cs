namespace Paas.State;

/// <summary>The user's fault, said once for API (ProblemDetails with <see cref="Code"/>), CLI and git's terminal.</summary>
/// <param name="code">Stable: "app_name_taken".</param>
/// <param name="status">HTTP status.</param>
/// <param name="message">A sentence that says what is wrong and what to do.</param>
public class UserError(string code, int status, string message) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;
}
