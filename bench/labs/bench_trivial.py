# ---
# jupyter:
#   autograder:
#     questions: bench.questions.bench_trivial
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bench · nothing to do

# %%
from autograder.check import check, open_lab

lab = open_lab("convnet-course", "bench_trivial", "bench.questions.bench_trivial", learner="")

# %%
x = 1

# %%
print(x + 1)


# %% tags=["question:double"]
def double(n):
    """Twice n."""
    ### BEGIN SOLUTION
    return n + n
    ### END SOLUTION


# %% tags=["check:double"]
check("double")

# %%
x
