# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab00_orientation
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 00 · Orientation
#
# **You will learn** to run a notebook, to answer and check a question,
# to hand a lab in and read what comes back,
# and to tell the kinds of machine learning apart.
#
# **You need** to have met Python functions with `return`, and lists.
# **It takes** five minutes to the end of 0.3, and about ten in all.
# There are 2 points for practice; they count for nothing.
#
# A grey box is a **cell** of code. Click into the first one and press Shift and Enter together:
# the cell runs, its result appears beneath, and the next cell is chosen.
# Cells share their names, so run them from top to bottom.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab00_orientation", learner="")
lab

# %%
import numpy as np

from course import datasets, device, doctor, feedback, figures

# %% [markdown]
# ## 0.1 What is here?
#
# The next cell lists what the labs use, and looks for a GPU, a processor made for pictures.
# You need none: every lab is made for a laptop.
# `[*]` beside a cell says that it is still running; this one takes some seconds.
# If something is missing, go on all the same: this lab works without it,
# and `course doctor` in a terminal says how to get it.

# %% tags=["nbval-ignore-output"]
print("\n".join(doctor.packages()))
print(device.describe())

# %% [markdown]
# ## 0.2 A picture is a table of numbers
#
# How many numbers does a computer keep for a picture?
# One for each pixel, if the picture is grey.
# A colour picture has three **channels**, red, green and blue, and a number for each of them in every pixel:
#
# $$\text{numbers} = \text{height} \cdot \text{width} \cdot \text{channels}$$
#
# A handwritten digit of 28×28 has $28 \cdot 28 \cdot 1 = 784$ numbers,
# a small colour picture of the lectures has $32 \cdot 32 \cdot 3 = 3072$.
# ("The lectures" are four public lectures on convolutional networks, which this course follows.)
# Here are 40 of the 784.

# %%
digit = datasets.load("mnist").x_train[3]
figures.photographs({"a handwritten digit": digit})

# %%
figures.grids({"rows 5 to 9, columns 12 to 19": digit[5:10, 12:20]})

# %% [markdown]
# **Predict** how many numbers a colour photograph of 200×200 pixels has, before you run the next cell.
# Write your guess instead of `None`; it is not graded.

# %%
my_guess = None
print("your guess:", my_guess, "  numbers:", np.zeros((200, 200, 3)).size, "  should be: 120000")

# %% [markdown]
# ## 0.3 Answer, check, mend ({points:count_numbers})
#
# **First by hand.** Some questions have numbers of your own, drawn from the id in the first cell.
# Below are the height, the width and the channels of your picture.
# Write how many numbers it has in place of the dots.

# %%
lab.numbers("my_picture")

# %% tags=["question:count_numbers:my_picture"]
my_picture = (
    ### BEGIN SOLUTION
    int(np.prod(lab.numbers("my_picture")))
    ### END SOLUTION
)

# %% [markdown]
# **Then the rule.** Write `count_numbers(height, width, channels)`, which returns how many numbers a picture has.
# Do it in four steps, to meet everything that a check says:
#
# 1. Run the check below before you answer. It says what is not answered yet.
# 2. Answer wrongly: `return height * width`. Run that cell, then the check.
#    It shows the call, what was expected and received, and the name of the mistake.
# 3. Run the cell with `hint`, and run it again.
# 4. Mend your answer, run it, and check.

# %% tags=["question:count_numbers"]
def count_numbers(height, width, channels):
    """How many numbers a picture of this height and width has, with so many channels."""
    ### BEGIN SOLUTION
    return height * width * channels
    ### END SOLUTION


# %% tags=["check:count_numbers"]
check("count_numbers")

# %%
hint("count_numbers")

# %% [markdown]
# Points come by groups of cases: your picture is one group, the rule another.
# The number below the table is what the check gives back, your points.
# You may check as often as you like, and nobody counts how often.

# %% [markdown]
# ## 0.4 Kinds of learning ({points:learning})
#
# Who writes the rules? In most programs a person does.
# In **machine learning** the program finds them, in one of three ways:
#
# | kind | what the program is given |
# |---|---|
# | supervised | examples, each with its right answer, the *label* |
# | unsupervised | examples alone |
# | reinforcement | a world to act in, and rewards for what it does |

# %% [markdown]
# And what is to come out? There are more tasks than these five.
#
# | task | what comes out |
# |---|---|
# | classification | one of some classes that are known before |
# | regression | a number on a scale |
# | sequence labelling | a label for each part of a sequence |
# | clustering | groups that nobody named before |
# | anomaly detection | the example that is unlike the others |

# %% [markdown]
# Six programs that learn:
#
# 1. **Bottles.** A camera has seen thousands of bottles, none of them marked. It is to ring at an odd one.
# 2. **Fruit.** Photographs come with the weight of the fruit. Wanted: the weight of another fruit, in grams.
# 3. **Sentences.** In each, every word is marked as a person, a place or neither. Wanted: such marks for a new one.
# 4. **Holiday.** Photographs without a word about them. Wanted: piles of those that look alike.
# 5. **Digits.** Photographs come with the digit that they show. Wanted: the digit in a new one.
# 6. **Car.** A toy car tries turns and gets a point for each metre on the road. Wanted: a good drive.

# %% [markdown]
# Write two lists in the order of these six, with words from the tables, in quotes and with commas between them.
# `kinds` has six entries. `tasks` has five, since the car has no task of the five.
# The check reads each entry by itself and says why a wrong one is wrong.

# %% tags=["question:learning:kinds"]
kinds = [
    ### BEGIN SOLUTION
    "unsupervised", "supervised", "supervised", "unsupervised", "supervised", "reinforcement",
    ### END SOLUTION
]

# %% tags=["question:learning:tasks"]
tasks = [
    ### BEGIN SOLUTION
    "anomaly detection", "regression", "sequence labelling", "clustering", "classification",
    ### END SOLUTION
]

# %% tags=["check:learning"]
check("learning")

# %% [markdown]
# This course is about supervised learning, nearly always classification:
# a picture goes in, and out comes the name of what it shows.

# %% [markdown]
# ## 0.5 Hand in, read what comes back
#
# Whoever grades your notebook runs it from top to bottom in a fresh kernel, the program behind the cells.
# Do the same first: in JupyterLab, menu *Kernel*, *Restart Kernel and Run All Cells*. Then save.
# Everything that you need must be in this one file.
#
# - **In a class**, type your id into the first cell, `learner="..."`, and leave the file's name as it is.
#   Your teacher says how to hand it in, and puts it into the folder `submitted/YOUR-ID/lab00_orientation/`.
# - **On your own**, type `course check FILE` in a terminal, with the path of your notebook for FILE
#   (after `make lab`: `.venv/bin/course check FILE`, in the course's folder). It does what a grader would do.

# %% [markdown]
# What comes back in a class is a page like this one, made by the same grader.
# Ana forgot the channels and took two situations for something else.
# Find the name of her mistake, the call that shows it, and the hint.
# The last lines hold a command that repeats her grading, with the same random numbers:
# a grade is something that you can check.

# %%
feedback.example()

# %% [markdown]
# ## Free play (not graded)
#
# Nothing here can break. Change `count_numbers` and check again:
# let it `print` the result instead of returning it, add the three numbers instead of multiplying them,
# or let it run for ever, with `while True: pass`, and wait ten seconds.
# (If nothing comes back, use the menu *Kernel*, *Interrupt Kernel*.)
# What does the check say to each?
# Then type an id into the first cell, and run everything from there. What has changed?

# %% [markdown]
# ## What you take with you
#
# - Shift and Enter run a cell; cells run from top to bottom.
# - A check names the mistake when it knows it, and shows the call when it does not. `hint("...")` helps.
# - Before you hand in: restart, run all, save.
# - Supervised learning has right answers to learn from, unsupervised learning has none,
#   reinforcement learning has rewards.
#
# **Read on.** I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning* (2016), section 5.1, on tasks and experience.
# R. Sutton and A. Barto, *Reinforcement Learning* (2nd edition, 2018), chapter 1.
# In the next lab a picture becomes the input of a network.

# %%
lab.score()
