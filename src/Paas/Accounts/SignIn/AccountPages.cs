using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Dashboard.Pages.Account;

namespace Paas.Accounts.SignIn;

/// <summary>The pages around signing in, as answers. They are rendered here and not by the dashboard's router: they have to work without a circuit.</summary>
internal static class AccountPages
{
    public const string SignedOut = "You were signed out. Sign in again to go on where you were.";

    /// <param name="back">Where to go afterwards, as asked.</param>
    /// <param name="problem">A sentence; null: none.</param>
    /// <param name="user">As it was typed before.</param>
    public static RazorComponentResult SignIn(string? back, string? problem, string? user = null, int status = StatusCodes.Status200OK) =>
        Page<SignInPage>(status, (nameof(SignInPage.Model), new SignInModel(ReturnPath.Of(back), problem, user)));

    public static RazorComponentResult Account(AccountModel model, int status) => Page<AccountPage>(status, (nameof(AccountPage.Model), model));

    public static RazorComponentResult Link(string user) => Page<LinkPage>(StatusCodes.Status200OK, (nameof(LinkPage.User), user));

    public static RazorComponentResult LinkIsOver() => Message(
        StatusCodes.Status410Gone, "This link does not work any more", "It was used already, or is older than 15 minutes. Either of these prints a new one:", (nameof(MessagePage.WithNewLink), true));

    public static RazorComponentResult NoAdministrator() => Message(
        StatusCodes.Status200OK,
        "This platform has no administrator yet",
        "Make the first one as root on the server. This prints a link that signs you in:",
        (nameof(MessagePage.Command), "install/quickstart.sh signin-link"),
        (nameof(MessagePage.ToSignIn), false));

    public static RazorComponentResult FormIsStale() => Message(
        StatusCodes.Status400BadRequest,
        "That form is out of date",
        "It was open for too long, came from another site, or your browser keeps no cookies for this address. Allow cookies, open the page again and repeat what you did.");

    private static RazorComponentResult Message(int status, string title, string sentence, params (string Name, object? Value)[] more) =>
        Page<MessagePage>(status, [(nameof(MessagePage.Title), title), (nameof(MessagePage.Sentence), sentence), .. more]);

    private static RazorComponentResult Page<TPage>(int status, params (string Name, object? Value)[] parameters)
        where TPage : IComponent =>
        new(typeof(TPage), parameters.ToDictionary(item => item.Name, item => item.Value)) { StatusCode = status, PreventStreamingRendering = true };
}
