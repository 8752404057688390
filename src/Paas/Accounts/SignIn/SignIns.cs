namespace Paas.Accounts.SignIn;

/// <summary>Signing a browser in and out, whichever way it proved who it is.</summary>
internal sealed class SignIns(Sessions sessions, SignInLinks links, SessionCookie cookie, AccountChanged changed)
{
    /// <param name="method">"link", "password" or "passkey".</param>
    public void Begin(HttpContext http, long userId, string method)
    {
        EndOld(http);
        var (session, secret) = sessions.Begin(userId, method, http.Request.Headers.UserAgent, ClientAddress.Of(http));
        cookie.Write(http.Response, secret, session.LastsUntil);
        Note(session.Caller, "session.began", $"signed in with a {Words(method)} from {ClientAddress.Of(http)}");
    }

    /// <summary>Ends the browser's session, if it has one.</summary>
    public void End(HttpContext http)
    {
        EndOld(http);
        cookie.Delete(http.Response);
    }

    /// <summary>False when the user has no such session.</summary>
    public bool End(Caller caller, long session)
    {
        var ended = sessions.End(caller.UserId, session);
        if (ended && session != caller.SessionId)
        {
            Note(caller, "session.revoked", "ended a session in another browser");
        }

        return ended;
    }

    /// <summary>Every session of the user, and the links that could begin one.</summary>
    public void EndEverywhere(Caller caller)
    {
        links.Forget(caller.UserId);
        var ended = sessions.EndAll(caller.UserId, null);
        Note(caller, "session.revoked", ended == 1 ? "signed out everywhere: 1 session ended" : $"signed out everywhere: {ended} sessions ended");
    }

    /// <summary>Every session of the user but the one that asks, and the links that could begin one.</summary>
    public void EndElsewhere(Caller caller)
    {
        links.Forget(caller.UserId);
        sessions.EndAll(caller.UserId, caller.SessionId);
    }

    /// <summary>For the activity log.</summary>
    public void Note(Caller caller, string action, string text) => changed(new AccountChange(caller.TeamId, caller.Name, action, text));

    private void EndOld(HttpContext http)
    {
        if (cookie.Read(http.Request) is { } secret && sessions.Find(secret) is { } session)
        {
            sessions.End(session.Caller.UserId, session.Id);
        }
    }

    private static string Words(string method) => method == "link" ? "one-time link" : method;
}
