using Paas.Cli;

return await CommandLine.RunAsync(args, Surroundings.OfProcess());
