using Paas.Client;

namespace Paas.Dashboard.Controls;

/// <summary>A fault in the order people need it: what happened, why, what to do.</summary>
/// <param name="Why">Null when the title says all.</param>
/// <param name="Todo">Null when the reason says it already, as the API's sentences do.</param>
public sealed record ErrorWords(string Title, string? Why, string? Todo)
{
    /// <param name="title">What was tried; null: a general word.</param>
    public static ErrorWords Of(Exception error, string? title) => error switch
    {
        ProblemException { Status: 404, Code: not "app_not_found" } problem => new(title ?? "This is not here", problem.Message, null),
        ProblemException { Status: 404 } problem => new(title ?? "This is not here", problem.Message, "It may have been renamed or destroyed. Look at the list of apps."),
        ProblemException { Status: 401 } problem => new(title ?? "You are signed out", problem.Message, "Sign in again: 'paas login --browser' prints a link."),
        ProblemException problem => new(title ?? "The platform said no", problem.Message, null),
        HttpRequestException or IOException => new(title ?? "The platform does not answer", "It may be restarting.", "This page tries again by itself; if it lasts, look at 'paas status' and the logs in the platform's home."),
        _ => new(title ?? "Something went wrong", error.Message, null),
    };
}
