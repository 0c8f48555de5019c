/** Figure 12 of arXiv:2401.09670v3: seconds that the search for a placement takes on 96 cores, by number of GPUs. Digitised. */
export const figure12 = { gpus: [2, 4, 8, 16, 32], lowAffinitySeconds: [1.24, 2.84, 11.4, 28.6, 82.5], highAffinitySeconds: [3.14, 5.49, 8.98, 13.2, 22] } as const;
