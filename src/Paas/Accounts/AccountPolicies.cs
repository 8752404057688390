namespace Paas.Accounts;

/// <summary>Who is let in where. An endpoint that names none takes API tokens only: a browser's cookie alone moves nothing there.</summary>
public static class AccountPolicies
{
    /// <summary>The dashboard's pages and its circuit: the browser's session. Who has none is sent to /signin.</summary>
    public const string Dashboard = "dashboard";

    /// <summary>GET streams that plain JavaScript reads (logs, terminal): a token, or the session from the platform's own pages.</summary>
    public const string Stream = "stream";
}
