namespace Paas.Accounts.SignIn.Pages;

/// <summary>What the sign-in page shows.</summary>
/// <param name="Return">A path of this platform to go to afterwards.</param>
/// <param name="Problem">A sentence; null: none.</param>
/// <param name="User">As it was typed before; null: not yet.</param>
/// <param name="NewLink">Commands that print a one-time link, and where to give them.</param>
public sealed record SignInModel(string Return, string? Problem, string? User, IReadOnlyList<(string Text, string Where)> NewLink);
