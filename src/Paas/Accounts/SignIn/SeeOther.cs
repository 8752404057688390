namespace Paas.Accounts.SignIn;

/// <summary>303 (RFC 9110, 15.4.4): after a form, the browser fetches the next page with GET; reloading it repeats nothing.</summary>
internal sealed class SeeOther : IResult
{
    private readonly string _path;

    private SeeOther(string path) => _path = path;

    /// <param name="path">On this platform.</param>
    public static SeeOther To(string path) => new(path);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        // A header takes ASCII only; what is escaped already stays as it is.
        httpContext.Response.Headers.Location = string.Concat(_path.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
        return Task.CompletedTask;
    }
}
