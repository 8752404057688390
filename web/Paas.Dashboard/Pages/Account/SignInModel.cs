namespace Paas.Dashboard.Pages.Account;

/// <summary>What the sign-in page shows.</summary>
/// <param name="Return">A path of this platform to go to afterwards.</param>
/// <param name="Problem">A sentence; null: none.</param>
/// <param name="User">As it was typed before; null: not yet.</param>
public sealed record SignInModel(string Return, string? Problem, string? User);
